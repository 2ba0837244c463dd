"""Definitions by canonical URL, over packages and loose files; see ``registry``."""
