"""Join small source files into the few that a page asks for, without a build step.

A style or a behaviour stays one concern a file, and a page stays within its ten requests. Nothing
here minifies, translates or guesses: what cannot be joined safely is an `ImproperlyConfigured`
that names the file and the line.

    STATICFILES_FINDERS = [..., "devotional.lib.bundles.BundleFinder"]
    STATIC_BUNDLES = {
        "css/site.css": ["css/fonts.css", "css/tokens.css"],
        "js/reading.js": ["js/aa.js"],  # and whatever aa.js imports
    }

From bottom to top: `source` is a file as it was read, `css` and `tokens` read the two languages,
`modules` makes one JavaScript module from several, `joining` chooses by the ending, and `finder`
offers the result to `django.contrib.staticfiles`.
"""

from devotional.lib.bundles.finder import BundleFinder

__all__ = ["BundleFinder"]
