from jinja2 import Environment, FileSystemLoader

# bad
pages = Environment(loader=FileSystemLoader("pages"), trim_blocks=True)


def page(name):
    return pages.get_template("hello.html").render(name=name)
