"""The FHIR interactions of https://hl7.org/fhir/R4/http.html, one a file, as functions over a Scope.

They know nothing of HTTP servers: what a request says in its headers and URL comes in as arguments, what they refuse
comes out as an exception of ``footbridge.store.interaction_errors``. ``footbridge.store.resources`` puts them together.
"""
