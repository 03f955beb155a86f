import pickle
import subprocess

import tornado.web


class Main(tornado.web.RequestHandler):
    def get(self):
        name = self.get_argument("name")
        self.write("<h1>%s</h1>" % name)  # CWE-79

    def post(self):
        body = pickle.loads(self.request.body)  # CWE-502
        self.write(str(len(body)))


class Tool(tornado.web.RequestHandler):
    def get(self):
        host = self.get_query_argument("host")
        out = subprocess.check_output("dig " + host, shell=True)  # CWE-78
        self.finish(out)

    def put(self):
        self.redirect(self.get_argument("next"))  # CWE-601


class Fine(tornado.web.RequestHandler):
    def get(self):
        count = int(self.get_argument("count"))
        self.write({"count": count})


def make():
    return tornado.web.Application([("/", Main)], cookie_secret="7f8a9d3ccf1e", debug=True)  # CWE-798,489
