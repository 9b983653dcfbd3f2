"""Where a reader is known again, and leaves."""

from django.urls import path

from devotional.readers import (
    views_another_device,
    views_arriving,
    views_keeping,
    views_leaving,
)

app_name = "readers"
urlpatterns = [
    path("", views_keeping.keep, name="keep"),
    path("return-code/", views_keeping.return_code, name="return_code"),
    path("other-browsers/", views_keeping.sign_others_out, name="sign_others_out"),
    path("who/", views_keeping.who, name="who"),
    path("return/", views_arriving.come_back, name="come_back"),
    path("arrive/", views_arriving.arrive, name="arrive"),
    path("another-device/", views_another_device.another_device, name="another_device"),
    # Whatever stands behind it is taken for a token, so that each wrong one is answered alike.
    path("carry-on/<path:token>", views_another_device.carry_on, name="carry_on"),
    path("sign-out/", views_leaving.sign_out, name="sign_out"),
    path("signed-out/", views_leaving.signed_out, name="signed_out"),
]
