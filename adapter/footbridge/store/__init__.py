"""What is kept: tables, resources in every version, FHIR interactions as plain functions, migrations."""
