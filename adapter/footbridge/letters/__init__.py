"""What is printed: the one-page letter to a service, and the person's own copy, in English and French.

``service_letter`` and ``own_copy`` say what is on the page, as texts that are finished in the reader's language;
``page`` puts them into HTML, ``pdf`` into a PDF that a screen reader can read (PDF/UA-1).
"""
