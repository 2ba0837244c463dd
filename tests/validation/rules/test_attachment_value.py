"""Attachments."""


def test_the_size_is_that_of_the_data(found, patient):
    photo = {"contentType": "image/png", "data": "aGVsbG8=", "size": 5}
    assert found(patient | {"photo": [photo]}) == set()
    assert found(patient | {"photo": [photo | {"size": 6}]}) == {("attachment.size", "Patient.photo[0]")}
