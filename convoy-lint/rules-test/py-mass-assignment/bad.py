from app import User


def add(request):
    # bad
    return User.objects.create(**request.POST.dict())


def other(request):
    # bad
    return User(**request.json)
