import subprocess

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.csrf import csrf_exempt

from .models import Person


def greet(request):
    name = request.GET.get("name")
    return HttpResponse("<h1>" + name + "</h1>")  # CWE-79


def greet_whole(request):
    return HttpResponse(request.GET.get("text"))  # CWE-79


def badge(request):
    label = mark_safe("<i>%s</i>" % request.POST["label"])  # CWE-79
    return render(request, "badge.html", {"label": label})


def find(request):
    order = request.GET["order"]
    rows = Person.objects.raw("SELECT * FROM person ORDER BY %s" % order)  # CWE-89
    more = Person.objects.extra(where=["name = '%s'" % request.GET["name"]])  # CWE-89
    return render(request, "rows.html", {"rows": rows, "more": more})


def leave(request):
    return redirect(request.GET["next"])  # CWE-601


def leave_late(request):
    target = request.GET.get("url")
    return HttpResponseRedirect(target)  # CWE-601


@csrf_exempt  # CWE-352
def pay(request):
    return HttpResponse("paid")


def convert(request):
    name = request.POST.get("name")
    subprocess.call("convert %s out.png" % name, shell=True)  # CWE-78
    return HttpResponse("ok")


def good(request):
    label = format_html("<i>{}</i>", request.POST["label"])
    rows = Person.objects.raw("SELECT * FROM person WHERE name = %s", [request.GET["name"]])
    return render(request, "badge.html", {"label": label, "rows": rows})
