from jinja2 import Environment, FileSystemLoader, select_autoescape

pages = Environment(loader=FileSystemLoader("pages"), autoescape=select_autoescape())


def page(name):
    return pages.get_template("hello.html").render(name=name)
