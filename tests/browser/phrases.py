"""The words by which journeys find things on the pages, in one place.

Who changes the words on the pages changes them here; what one journey alone asks for stands there.
Targets are for the journeys in every engine, and their names exact unless they say `part`; the
others take `.name`, or words that they alone need.
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
CONTINUE_GRADUAL = "Continue: Gradual"
NO_NETWORK_COPY = "This is the copy saved on this device."

# Writing
REFLECT = heading("Reflect")
CHOICE = box("Which choice in front of you does your next season hinge on?")
AGREE_AND_SAVE = button("Agree and save")
SAVE = button("Save")  # without a script, or where one is asked again
FORM_OF_NOBODY = "I’d rather write on paper"  # what stands there before anyone agreed
SAVED = re.compile(r"\bSaved (\w+ \w+, )?\d\d:\d\d")
NOT_SAVED_YET = "Not sent yet: the site can’t be reached. It’s safe on this device"
NOT_SAVED_OFFLINE = "Not sent yet: you’re offline. It’s safe on this device"
NOT_SAVED_FAILING = "Not sent yet: the site can’t save right now. It’s safe on this device"
KEPT_HERE = "Only on this device so far"
SAVED_ON_DEVICE = "Saved on this device"
PUT_BACK = "Restored from this device"
UNDO = "Undo"
KEEP_MINE, KEEP_BOTH = "Keep what’s in the box", "Keep both"
THAT_WAS_ME = "That was me: show it"
COOKIE_IS_GONE = "This browser no longer has the cookie we knew you by"
PRIVATE_TO_YOU, WHO_CAN_READ_THIS = "Private to you", "Who can read this?"
MORE = "More"
WRITE_ON_PAPER, AGREE_ON_PAPER = "I wrote this on paper", "Agree, and note that I wrote on paper"
WROTE_ON_PAPER = "You wrote on paper."
BEGIN_AGAIN = "Begin again"

# How the page looks
AA = button("Aa: text and display")
DARK, LIGHT = radio("Dark"), radio("Light")
LARGEST = radio("Largest")

# Ways back
MAKE_CODE = button("Make a return code")
YOUR_CODE = heading("Your return code")
CODE = box("Return code")
COME_BACK = button("Come back")
NOT_ME = button("Not you?")
SIGNED_OUT = heading("You’re signed out")
STAY, SIGN_OUT_AND_LOSE_THEM = "Stay signed in", "Sign out and lose them"
SAVE_PASSWORD, CANCEL, REMOVE_IT = "Save password", "Cancel", "Remove it"
EMAIL_ADDRESS, SEND_ME_A_CODE, MAILED_CODE = "Email address", "Send me a code", "Code"
KEEP_THIS_ADDRESS = "Confirm this address"
MAKE_A_PASSKEY, WHAT_TO_CALL_IT = "Create a passkey", "Name"
NAME, PASSWORD, SIGN_IN = "Username", "Password", "Sign in"
NOT_RIGHT = "That username or password isn’t right."
MAKE_A_LINK = "Make a link"

# Looking back
SEARCH = "Search"
RESTORE, DELETED = "Restore", "Deleted. You can restore it for a day."
THEN_AND_NOW, EARLIER_VERSIONS = "Then and now", "Earlier versions"
MARK_A_HINGE = "Mark a hinge"
NOTHING_HERE_YET = "Nothing here yet."

# Reading together
GROUPS = "Groups"
PREVIEW_THESE_WORDS = "Preview these words"
TAKE_BACK, TAKE_IT_BACK = "Take back", "Take it back"
GROUP_NAME = box("The group’s name")
FIRST_NAME = box("Your first name")
MAKE_THE_GROUP = button("Start the group")
THE_MESSAGE = box("Your message", part=True)
JOIN = button("Join")
WHO_IS_HERE = heading("Who’s in it")
