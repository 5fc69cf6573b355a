"""The shop's Django project."""

import sys

import pymysql
from pymysql import connections, constants, converters, cursors, err

# Django's MySQL backend imports MySQLdb; PyMySQL stands in for it and needs no C library in the image.
pymysql.install_as_MySQLdb()
for _module in (connections, constants, converters, cursors, err, *vars(constants).values()):
    # Else `MySQLdb.err` would be loaded anew, and its exceptions not be those that PyMySQL raises.
    if isinstance(_module, type(sys)) and _module.__name__.startswith("pymysql."):
        sys.modules[_module.__name__.replace("pymysql", "MySQLdb", 1)] = _module
