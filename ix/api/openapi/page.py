POLICY = ""


def html(d):
    return b""
