"""What rules, packs and the engine share: places in a resource, compiled plans, the state of a validation.

Nothing here knows a rule. ``spot.Spot`` is a value and where it stands; ``plan`` the compiled form of types and
profiles; ``scope.Run`` keeps what is found; ``context.ValidationContext`` is the engine as rules see it.
"""
