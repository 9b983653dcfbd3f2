"""Where an account signs in and its ways are changed: django-allauth's names, our addresses.

Only what is listed is there: allauth's own list would bring pages that nobody here has a use for.
"""

from django.urls import path

from devotional.readers import signing_in_views as signing_in
from devotional.readers import ways_views as ways

by_mail = signing_in.where(signing_in.mail_is_offered)
by_passkey = signing_in.where(signing_in.passkeys_are_offered)

urlpatterns = [
    path("sign-in/", signing_in.SignIn.as_view(), name="account_login"),
    path(
        "sign-in/code/",
        by_mail(signing_in.SendCode.as_view()),
        name="account_request_login_code",
    ),
    path(
        "sign-in/code/type/",
        by_mail(signing_in.TypeCode.as_view()),
        name="account_confirm_login_code",
    ),
    path(
        "sign-in/passkey/",
        by_passkey(signing_in.ByPasskey.as_view()),
        name="mfa_login_webauthn",
    ),
    path("email/", ways.email, name="account_email"),
    path("email/code/", ways.email_code, name="account_email_verification_sent"),
    path("email/remove/", ways.remove_way, {"way": "email"}, name="account_remove_email"),
    path("passkeys/add/", ways.add_passkey, name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/remove/", ways.remove_passkey, name="mfa_remove_webauthn"),
    path("password/", ways.password, name="account_set_password"),
    path("password/remove/", ways.remove_way, {"way": "password"}, name="account_remove_password"),
    path(
        "password/forgotten/",
        by_mail(signing_in.ForgottenPassword.as_view()),
        name="account_reset_password",
    ),
    path(
        "password/forgotten/code/",
        by_mail(signing_in.TypePasswordCode.as_view()),
        name="account_confirm_password_reset_code",
    ),
    path(
        "password/forgotten/new/",
        by_mail(signing_in.NewPassword.as_view()),
        name="account_complete_password_reset",
    ),
]
