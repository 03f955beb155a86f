from django.db.models.expressions import RawSQL


def find(request):
    # bad
    Person.objects.extra(where=["name = '%s'" % request.GET["name"]])
    # bad
    return Person.objects.annotate(x=RawSQL("select a from b where c = '%s'" % request.GET["c"], []))
