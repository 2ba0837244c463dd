"""Answers against their Questionnaire (https://hl7.org/fhir/R4/questionnaireresponse.html).

``response`` walks the items, ``enabled`` says which take part, ``answers`` looks at types, options and limits.
"""
