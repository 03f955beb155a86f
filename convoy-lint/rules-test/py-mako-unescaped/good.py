from mako.template import Template
from mako.lookup import TemplateLookup

page = Template("<p>${name}</p>", default_filters=["h"])
lookup = TemplateLookup(directories=["a"], default_filters=["str", "h"])
