class Page(RequestHandler):
    def get(self):
        name = escape(self.get_argument("name"))
        self.write("<h1>" + name + "</h1>")
        self.write({"name": self.get_argument("name")})


def home(request):
    return HttpResponse("hello " + request.GET["name"], content_type="text/plain")


def item(request):
    return HttpResponse("<p>" + html.escape(request.GET["name"]) + "</p>")
