"""One wheel for every Python 3: the library is called by ctypes. Scripts/wheel sets the version and the platform."""
import os

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel


class WithLibrary(Distribution):
    def has_ext_modules(self):
        return True


class Wheel(bdist_wheel):
    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


setup(version=os.environ.get("MARTLET_VERSION", "0"), distclass=WithLibrary, cmdclass={"bdist_wheel": Wheel})
