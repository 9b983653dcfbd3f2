import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("devotional", "0009_devicetoken_used_on"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeviceLink",
            fields=[
                (
                    "reader",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="device_link",
                        serialize=False,
                        to="devotional.reader",
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("good_until", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "used_by",
                    models.CharField(
                        blank=True,
                        help_text="A keyed hash of the form that used it, until its browser has arrived.",
                        max_length=64,
                    ),
                ),
            ],
        ),
    ]
