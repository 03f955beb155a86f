yaml.load(text, { schema: yaml.JSON_SCHEMA });
