from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Form:
    zone = mark_safe('{} (<a href="https://zones.example">{}</a>)'.format(_("Zone"), _("options")))
    names = mark_safe(_("Names, as in") + " <code>a,b</code>")


def link(own):
    url = url_for("own.show", own.locator)
    home = reverse("home")
    return Markup(f'<a href="{url}">{url}</a>'), mark_safe(f'<a href="{home}">home</a>')


def fields(widget, items):
    return Markup("\n".join(widget(item) for item in items))
