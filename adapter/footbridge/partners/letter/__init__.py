"""The network ``letter``: services with neither a system nor an account, by a folder of a fax gateway or by e-mail."""
