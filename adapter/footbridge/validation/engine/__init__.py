"""Compiles StructureDefinitions to rules and runs them over plain dicts.

The way of a resource: ``engine.Engine.check`` finds the type's plan (``compiler``), ``walk`` runs it, rules from
``footbridge.validation.rules`` say what is wrong, ``scope.Run`` keeps it.
"""
