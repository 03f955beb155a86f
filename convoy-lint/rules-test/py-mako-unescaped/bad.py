from mako.template import Template
from mako.lookup import TemplateLookup

# bad
page = Template("<p>${name}</p>")
# bad
lookup = TemplateLookup(directories=["a"])
