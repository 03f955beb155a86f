total = sum(numbers, 0)
flat = [x for row in lists for x in row]
