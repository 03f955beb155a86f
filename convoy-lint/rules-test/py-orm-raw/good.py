from django.db.models.expressions import RawSQL


def find(request):
    Person.objects.extra(where=["name = %s"], params=[request.GET["name"]])
    return Person.objects.annotate(x=RawSQL("select a from b where c = %s", [request.GET["c"]]))
