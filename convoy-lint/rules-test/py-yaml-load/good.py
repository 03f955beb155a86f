import yaml


def load(text):
    yaml.safe_load(text)
    yaml.load(text, Loader=yaml.SafeLoader)
    yaml.load(text, Loader=MyLoader)
    yaml.load(text, yaml.SafeLoader)
    yaml.load(text, SafeLoader)
    yaml.load_all(text, Loader=CSafeLoader)

yaml.load("a: 1", Loader=yaml.Loader)
