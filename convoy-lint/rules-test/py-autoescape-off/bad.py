# bad
env = jinja2.Environment(loader=loader, autoescape=False)
