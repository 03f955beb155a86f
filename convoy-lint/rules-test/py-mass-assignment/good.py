from app import User


def add(request):
    return User.objects.create(name=request.POST["name"])


def other(**fields):
    return User(**fields)
