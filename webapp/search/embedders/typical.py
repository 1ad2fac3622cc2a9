"""What pictures, pages and posts of any site are called. What all of these have in common says nothing of one of them.

Written for this purpose; a question and a text are compared without it.
"""

TITLES = (
    "A man with a hat", "Two women in a café", "A child on a swing", "A dog in the grass", "A cat on a sofa",
    "A horse in a field", "A bird on a roof", "Fish in the water", "A tree in winter", "Flowers in a vase",
    "Mountains in the evening", "A lake at dawn", "Clouds above the sea", "A street at night", "An old house",
    "A bridge", "The tower of the church", "A castle on a hill", "A car in front of a garage", "A bus at the stop",
    "People in a queue", "A family at breakfast", "A teacher and her class", "A carpenter at work",
    "A painter in her studio", "A singer on the stage", "Players of a team", "A runner before the start",
    "Apples in a basket", "Bread on a table", "A glass of wine", "A letter on a desk", "Shoes in a shop window",
    "Portrait of a girl", "Portrait of an old man", "Self-portrait", "Still life", "Landscape with a river",
    "Untitled, oil on canvas", "Black and white", "About us", "Contact", "How to find us", "Our team",
    "Terms and conditions", "Frequently asked questions", "Prices", "Support us", "What is on", "Exhibitions",
    "The collection", "Courses for adults", "For families", "For groups", "For teachers", "Events", "News", "Archive",
    "Partners and sponsors", "Plan your day", "Accessibility", "Tickets", "Opening of the new wing", "Sign up",
    "A new road through the valley", "The council has decided", "The market moves", "Storm in the night",
    "Accident on the main road", "The theatre begins its season", "An evening of songs", "School begins on Monday",
    "The team loses at home", "The summer was hot", "Thanks to all helpers", "The winner of the competition",
    "A prize for a young artist", "In memory of a friend", "Ten questions for the director", "How we work",
    "A look behind the scenes", "The story of an object", "A gift to the museum", "The police ask for help",
    "Work begins in spring", "The price of water rises", "A shop opens its doors", "A day in the forest",
    "Ein Mann mit Hut", "Eine Straße im Regen", "Das neue Programm", "Öffnungszeiten und Preise",
    "Die Geschichte des Hauses", "Une femme à la fenêtre", "Le marché du samedi", "Les horaires et les tarifs",
    "Un perro en la calle", "La nueva exposición", "Una giornata al mare", "Come arrivare", "Een boot op het water",
    "Uma casa amarela", "Kobieta z parasolem", "Зимний вечер", "Новая выставка", "夜の街", "海边的房子",
    "رجل يحمل كتابا", "한 여자의 초상", "Köprüdeki adam",
)  # fmt: skip
