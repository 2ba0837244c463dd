"""An import: the records of a source, cleaned, into the database, and seen all at once or not at all.

run          the whole of it, from files or an API to what is seen
documents    a source of documents: those that the last import knows are not read (recognition, changed, inventory)
reading      any other source: its records are all read, and those that did not change are not cleaned
pipeline     each record by itself: privacy, cleaning, categories; in processes of their own where there are many
generation   the rows of one import: written beside what is seen, made current, or taken back
joining      services with what they belong to, as search and FHIR have them; assembly reads them from the database
preloaded    what the processes of an import have in common: nothing that needs a database
summary      what a manager of the directory is told
"""
