def show(data, defaults):
    form = SectionForm(formdata=MultiDict(data), csrf_enabled=False)
    return form, Other(csrf_enabled=False, obj=defaults)
