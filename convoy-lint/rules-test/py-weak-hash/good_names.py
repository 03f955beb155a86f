from hashlib import md5, sha1


class KexGroup:
    def answer(self, message):
        return sha1(message).digest()


def person(person):
    return {"emailHash": md5(person.email.encode()).hexdigest()}
