"""The words by which the journeys in every engine find things, in one place.

Who changes the words on the pages changes them here. Names are exact unless they say `part`.
"""

import re

from tests.browser.drivers.page import box, button, heading, link, radio

ESSAY = "/read/the-continual-pursuit-of-breakthrough"
OPENING, HINGY, GRADUAL = (f"{ESSAY}/{part}/" for part in ("opening", "hingy", "gradual"))
WRITING = "/reflect/the-continual-pursuit-of-breakthrough/hingy/"

MEETING = "/meeting/the-continual-pursuit-of-breakthrough/hingy/"

# Reading
TITLE = heading("The Continual Pursuit of Breakthrough")
BEGIN = link("Begin")
FIRST_WORDS = "Do you ever envision the person you’re becoming?"
GO_ON_TO_2 = link("Go on to part 2", part=True)
GO_ON_TO_3 = link("Go on to part 3", part=True)
HINGY_TITLE = heading("Breakthrough is Hingy")
GRADUAL_TITLE = heading("Breakthrough is Gradual")
NO_NETWORK_COPY = "This is the copy saved on this device."

# Writing
REFLECT = heading("Reflect")
CHOICE = box("Which choice in front of you does your next season hinge on?")
AGREE_AND_SAVE = button("Agree and save")
SAVE = button("Save")
SAVED = re.compile(r"\bSaved (\w+ \w+, )?\d\d:\d\d")
NOT_SAVED_YET = "Not saved yet: the site can’t be reached. It’s kept on this device"
KEPT_HERE = "Kept on this device"
PUT_BACK = "Put back from this device"

# How the page looks
AA = button("Aa: how the page looks")
DARK, LIGHT = radio("Dark"), radio("Light")
LARGEST = radio("Largest")

# Ways back
MAKE_CODE = button("Make a return code")
YOUR_CODE = heading("Your return code")
CODE = box("Return code")
COME_BACK = button("Come back")
NOT_ME = button("Not me")
SIGNED_OUT = heading("You are signed out on this browser")

# Reading together
GROUP_NAME = box("The group’s name")
FIRST_NAME = box("Your first name")
MAKE_THE_GROUP = button("Make the group")
THE_MESSAGE = box("The message", part=True)
JOIN = button("Join")
WHO_IS_HERE = heading("Who is here")
