import ruamel.yaml as yaml


def load(text):
    yaml.load(text, Loader=yaml.Loader)
