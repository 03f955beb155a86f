import re


def find(request):
    re.search("a", request.GET["text"])
    return re.search(re.escape(request.GET["pattern"]), "text")
