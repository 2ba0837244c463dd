"""What people say of their trouble, in plain English and French of Canada, finds the help: kinds of it, not examples."""

from support.directories import Directory, service

SERVICES = {
    "food": service("The Cupboard", needs=["food-insecurity"], description="Food bank."),
    "rent": service("Rent Bank", needs=["housing-instability"]),
    "bed": service("Out of the Cold", needs=["homelessness"], description="Emergency shelter."),
    "pests": service("Bed bug inspection", needs=["inadequate-housing"]),
    "ride": service("Volunteer drivers", needs=["transportation-insecurity"]),
    "money": service("Ontario Works", needs=["financial-insecurity"], description="Social assistance."),
    "tax": service("Tax clinic", needs=["financial-insecurity"]),
    "clothes": service("Clothing closet", needs=["material-hardship"]),
    "job": service("Employment centre", needs=["employment-status"]),
    "crisis": service("Distress line", needs=["stress"], description="Crisis line."),
    "grief": service("Bereavement group", needs=["stress"]),
    "carers": service("Caregiver respite", needs=["stress"]),
    "visits": service("Friendly visiting", needs=["social-connection"]),
    "violence": service("Interval House", needs=["intimate-partner-violence"], description="Domestic violence."),
    "power": service("Hydro emergency grant", needs=["utility-insecurity"]),
    "drugs": service("Drug benefit", needs=["medical-cost-burden"], description="Prescription costs."),
    "teeth": service("Dental clinic", needs=["medical-cost-burden"]),
    "id": service("Identity card clinic"),
    "addiction": service("Detox", description="Addiction."),
    "newcomers": service("Settlement services", description="For every newcomer."),
}
SAID = {
    "food": ["nothing in the house to eat", "j'ai pus d'argent pour l'épicerie", "pus de bouffe", "J\u2019ai rien à manger",
             "my fridge is empty, no food", "on a faim", "bouffe pour les flos"],
    "rent": ["behind on rent", "en retard dans mon loyer", "can't pay my rent this month", "loyer impayé"],
    "bed": ["nowhere to sleep", "living in my car", "je dors dans mon char", "chus à la rue", "no roof over my head",
            "nulle part où dormir à soir"],
    "pests": ["des coquerelles dans mon appart", "les bibittes", "mice in the walls", "punaises"],
    "ride": ["need a lift to the hospital", "j'ai pas de char", "ride to dialysis", "aller à mes rendez-vous à l'hôpital"],
    "money": ["chus su'l BS", "OW", "bien-être social", "welfare office", "aide de dernier recours"],
    "tax": ["someone to do my taxes", "faire mes impôts"],
    "clothes": ["souliers pour les enfants", "linge pour bébé", "des hardes", "mittens and boots"],
    "job": ["j'ai perdu ma job", "got laid off", "trouver une jobine", "out of work"],
    "crisis": ["I want to kill myself", "chu tanné de vivre", "idées noires", "988"],
    "grief": ["my husband died", "mon mari est décédé", "veuve depuis un mois"],
    "carers": ["caring for my mother, I need a break", "chus épuisée, je soigne mon mari", "répit pour aidante"],
    "visits": ["lives alone and has no visitors", "maman vit seule", "briser l'isolement"],
    "violence": ["my boyfriend hits me", "mon chum me bat", "afraid of my husband", "j'ai peur de mon conjoint", "DV"],
    "power": ["they will cut off the power", "on va me couper le courant", "avis de coupure d'Hydro", "behind on my hydro bill"],
    "drugs": ["can't afford my prescriptions", "payer mes pilules", "médicaments trop chers"],
    "teeth": ["toothache", "j'ai mal aux dents"],
    "id": ["ID", "lost my ID", "cartes d'identité"],
    "addiction": ["my son drinks too much alcohol", "problème de boisson", "AA", "sevrage"],
    "newcomers": ["new to Canada", "sans papiers", "refugee claimant"],
}  # fmt: skip


def test_plain_speech_finds_the_help(directory: Directory):
    directory.load(*SERVICES.values())
    missed = {
        text: names
        for kind, texts in SAID.items()
        for text in texts
        if SERVICES[kind]["name"] not in (names := directory.names(text))[:1]
    }
    assert missed == {}
