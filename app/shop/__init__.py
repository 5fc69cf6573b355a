"""The shop's Django project."""

import pymysql

# Django's MySQL backend imports MySQLdb; PyMySQL stands in for it and needs no C library in the image.
pymysql.install_as_MySQLdb()
