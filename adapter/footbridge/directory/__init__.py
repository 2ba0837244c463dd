"""The directory: which help there is, from any 211.

Read from the outside in:

readers/      one file a form (HSDS, AIRS, iCarol, tables): a source's files become Records, named by HSDS 3.1
privacy       first: what may not be shown is dropped, before anything else happens to a record
cleaning/     what real data has (markup, padded codes, hours in words, phones): each fix is a Finding with its rule
taxonomy/     211 codes and their Gravity categories; words, where a record has no code
importing/    records into the database, in short batches, made current by one short transaction
search/       by need, words, place, time, language, eligibility; the same on SQLite and PostgreSQL
fhir/         Organization, Location, HealthcareService, made on demand
"""
