"""Clients of live directory APIs: HSDS 3.x (and Open Referral UK 1.0), 211 Canada, the 211 National Data Platform.

``HsdsApi.pages()`` gives objects as the API wrote them, for the reader of HSDS JSON; ``NationalDataPlatform.read()``
and ``Canada.read()`` give records and findings. Each raises ``DirectoryError`` rather than give half of a directory:
what was given before the error must not become current.
"""
