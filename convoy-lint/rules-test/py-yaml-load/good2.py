from ruamel.yaml import YAML

yaml = YAML(typ="safe")


def load(text):
    yaml.load(text)
