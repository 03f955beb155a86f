def groups(names):
    found = []
    for name in names:
        try:
            found.append(Group.objects.get(name=name))
        except Group.DoesNotExist:
            log.error("no group %s", name)
    return found
