"""The portal: pages for people who have no system of their own. One module a family of pages.

``door`` finds out who asks and refuses forms of others; ``pages`` makes a page of a template; ``words`` has the words
of ``mappings/portal.json``. ``signing_in`` lets people in; ``worklist`` shows what is theirs to do; ``referral`` shows
one referral (``look`` collects what is known, ``history`` says what happened) and ``acting`` carries out what the
lifecycle allows this person now, by forms that are data (``forms``, ``actions``).

Every page works without JavaScript, and holds nothing inline: its policy allows its own files only.
"""
