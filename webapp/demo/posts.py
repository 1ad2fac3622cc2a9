"""The posts of the demo: about looking at pictures, and writing about them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Article:
    """One post. `cover` is the file name of a scene, "" for none; `body` is Markdown."""

    title: str
    tags: tuple[str, ...]
    body: str
    cover: str = ""
    excerpt: str = ""


WORDS = """\
Somebody reads your page with their ears. Somebody else reads it on a train, in a tunnel, and the pictures have not
come. For both of them a picture is what you wrote about it.

# Say what is there, then stop

Write what a friend would say over the telephone: *A small red boat on a still lake, fog behind it.* One sentence is
nearly always enough. Begin with what the eye sees first, and leave out “a picture of”: everybody knows.

- **Name what matters here.** On a page about boats, say which boat. On a page about weather, say what the fog does.
- **Say the words that are in the picture**, such as those on a sign.
- **Leave the mood to the reader.** “Lonely” is a guess; “nobody else on the beach” is what you saw.

# It is not the caption

| words | for whom | what they say |
|---|---|---|
| alt text | who can't see the picture | what is in it |
| caption | everybody | what can't be seen: where, when, why |

A caption may be long and may be left out. An alt text is short and is there.
"""

FOG = """\
A clear day shows everything at once, and the eye does not know where to begin. Fog takes most of it away, and what is
left stands in order: near, farther, farthest, gone.

# Each step is paler

Look into a forest on a misty morning. The nearest trees are nearly black. Behind them each row is a little lighter and
a little bluer, because more air lies between it and you, until the last one is hardly darker than the sky. Painters
call it *aerial perspective*. It needs no lines and no vanishing point, and it works on a flat plain as well as in the
mountains.

> Five rows are enough. With three it looks like a stage, with ten like wallpaper.

# How to meet it

1. Go after a clear, cold night without wind, and be there before the sun.
2. Stand a little above it. From inside, fog is only grey.
3. Put something dark into the foreground: a tree, a fence, a roof.
4. Wait. When the sun comes through, you have ten minutes.
"""

LIGHT = """\
The harbour was empty, the water did not move, and at seven minutes past five the sun stood on the horizon like a coin
on its edge. By half past five it was an ordinary morning.

# Low light tells the shape of things

At noon the light falls from above and everything is equally bright. When the sun is low, each wave, stone and rope
has a bright side and a dark one, so that you can see how round it is. Shadows lie down and point towards you. Even a
plain wall turns out to have a skin.

# And its colour

The low sun shines through much more air, which scatters the blue away: what arrives is yellow, then orange, then red.
The shadows are lit by the sky alone and stay blue. That is why a picture at dawn has two colours without anybody's
doing.

The best part begins about **twenty minutes before** the sun does. So be early, and stay when the others leave.
"""

ARTICLES = (
    Article("What to write about a picture", ("writing",), WORDS),
    Article("What fog does to distance", ("seeing", "weather"), FOG, cover="spruces-in-fog.jpg"),
    Article(
        "Getting up for the light",
        ("seeing", "light"),
        LIGHT,
        cover="harbour-at-dawn.jpg",
        excerpt="Twenty minutes of low sun show more of a harbour than a whole day. Why that is, and when to be there.",
    ),
)  # the last is the newest
