"""StructureDefinitions as such: the head, the elements one by one, and whether the differential fits its base.

https://hl7.org/fhir/R4/structuredefinition.html, https://hl7.org/fhir/R4/profiling.html
"""
