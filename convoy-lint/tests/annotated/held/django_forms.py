import requests
from django.contrib.auth.hashers import make_password
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models.expressions import RawSQL
from django.http import FileResponse, HttpResponse, JsonResponse
from django.views import View

from .models import Person


class Find(View):
    def get(self, request, pk):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM person WHERE id = {pk}")  # CWE-89
            cursor.execute("SELECT * FROM person WHERE id = %s", [pk])
        Person.objects.annotate(x=RawSQL("select a from b where c = '%s'" % request.GET["c"], []))  # CWE-89
        return JsonResponse({})

    def post(self, request):
        answer = requests.get(request.POST["url"], timeout=3)  # CWE-918
        name = self.request.GET.get("name")
        html = "<div>" + name + "</div>"
        response = HttpResponse(html)  # CWE-79
        response.set_cookie("sessionid", "1")  # CWE-614,1004
        return response if answer else FileResponse(open("/srv/" + request.POST["file"], "rb"))  # CWE-22

    def put(self, request):
        make_password(request.POST["password"], hasher="unsalted_md5")  # CWE-916,327,328
        response = HttpResponse("ok")
        response.set_cookie("sessionid", "1", secure=True, httponly=True)
        default_storage.save("fixed.txt", request.FILES["f"])
        return response
