#!/usr/bin/env python3
"""Write a job as large as a national model: scripts/national_job.py DIR [SPACING]

DIR gets job.ini and its inputs: 64 area sources and 32 faults in two tectonic regions over 8 by 8 degrees, four ground-motion models each, ten
intensity measures of 20 levels, and a grid of sites SPACING kilometres apart (10 by default). All numbers are made up.
"""
import sys
from pathlib import Path

SIZE, STEP = 8, 1.0
MODELS = {
    'Active Shallow Crust': ['BooreEtAl2014', 'CampbellBozorgnia2014', 'ChiouYoungs2014', 'AbrahamsonEtAl2014'],
    'Stable Continental Crust': ['ToroEtAl2002', 'Campbell2003', 'TavakoliPezeshk2005', 'AtkinsonBoore2006'],
}
IMTS = ['PGA', *(f'SA({period})' for period in (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0))]


def area(number: int, lon: float, lat: float, trt: str) -> str:
    corners = ((lon, lat), (lon + STEP, lat), (lon + STEP, lat + STEP), (lon, lat + STEP))
    ring = ' '.join(f'{x} {y}' for x, y in corners)
    planes = ''.join(
        f'<nodalPlane probability="0.25" strike="{strike}" dip="60" rake="{rake}"/>'
        for strike, rake in ((0, -90), (90, -90), (45, 0), (135, 0))
    )
    return f'''<areaSource id="a{number}" name="a" tectonicRegion="{trt}"><areaGeometry><gml:Polygon><gml:exterior>
<gml:LinearRing><gml:posList>{ring}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon><upperSeismoDepth>0</upperSeismoDepth>
<lowerSeismoDepth>20</lowerSeismoDepth></areaGeometry><magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>
<truncGutenbergRichterMFD aValue="{3 + 0.02 * (number % 40)}" bValue="0.95" minMag="4.6" maxMag="7.2"/>
<nodalPlaneDist>{planes}</nodalPlaneDist><hypoDepthDist><hypoDepth probability="0.5" depth="6"/>
<hypoDepth probability="0.5" depth="12"/></hypoDepthDist></areaSource>'''


def fault(number: int, lon: float, lat: float, trt: str) -> str:
    return f'''<simpleFaultSource id="f{number}" name="f" tectonicRegion="{trt}"><simpleFaultGeometry><gml:LineString>
<gml:posList>{lon} {lat} {lon + 0.8} {lat + 0.6}</gml:posList></gml:LineString><dip>50</dip><upperSeismoDepth>1</upperSeismoDepth>
<lowerSeismoDepth>14</lowerSeismoDepth></simpleFaultGeometry><magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>
<truncGutenbergRichterMFD aValue="2.6" bValue="0.9" minMag="5.5" maxMag="7.2"/><rake>-90</rake></simpleFaultSource>'''


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folder, spacing = Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) == 3 else 10.0
    folder.mkdir()
    sources: dict[str, list[str]] = {trt: [] for trt in MODELS}
    for number in range(SIZE * SIZE):
        lon, lat = number % SIZE * STEP, 40 + number // SIZE * STEP
        trt = 'Active Shallow Crust' if lon < 5 else 'Stable Continental Crust'
        sources[trt].append(area(number, lon, lat, trt))
        if number % 2 == 0:
            sources[trt].append(fault(number, lon + 0.1, lat + 0.2, trt))
    groups = ''.join(
        f'<sourceGroup name="{trt}" tectonicRegion="{trt}">{"".join(some)}</sourceGroup>' for trt, some in sources.items()
    )
    (folder / 'sources.xml').write_text(
        f'<nrml xmlns="http://openquake.org/xmlns/nrml/0.5" xmlns:gml="http://www.opengis.net/gml"><sourceModel name="m">{groups}'
        '</sourceModel></nrml>'
    )
    (folder / 'tree.xml').write_text(
        '<nrml><logicTree><logicTreeBranchSet uncertaintyType="sourceModel" branchSetID="s"><logicTreeBranch branchID="b">'
        '<uncertaintyModel>sources.xml</uncertaintyModel><uncertaintyWeight>1</uncertaintyWeight></logicTreeBranch>'
        '</logicTreeBranchSet></logicTree></nrml>'
    )
    sets = ''.join(
        f'<logicTreeBranchSet uncertaintyType="gmpeModel" branchSetID="g{i}" applyToTectonicRegionType="{trt}">'
        + ''.join(
            f'<logicTreeBranch branchID="{name}"><uncertaintyModel>{name}</uncertaintyModel><uncertaintyWeight>0.25'
            '</uncertaintyWeight></logicTreeBranch>'
            for name in names
        )
        + '</logicTreeBranchSet>'
        for i, (trt, names) in enumerate(MODELS.items())
    )
    (folder / 'models.xml').write_text(f'<nrml><logicTree>{sets}</logicTree></nrml>')
    levels = ', '.join(f'"{imt}": logscale(0.005, 2, 20)' for imt in IMTS)
    (folder / 'job.ini').write_text(f'''[general]
description = A national model that is made up
calculation_mode = classical
region = 0.5 40.5, {SIZE - 0.5} 40.5, {SIZE - 0.5} {39.5 + SIZE}, 0.5 {39.5 + SIZE}
region_grid_spacing = {spacing}
reference_vs30_value = 600
reference_depth_to_1pt0km_per_sec = 100
reference_depth_to_2pt5km_per_sec = 1
source_model_logic_tree_file = tree.xml
gsim_logic_tree_file = models.xml
rupture_mesh_spacing = 4
width_of_mfd_bin = 0.1
area_source_discretization = 10
maximum_distance = {{'default': 300}}
truncation_level = 3
investigation_time = 50
intensity_measure_types_and_levels = {{{levels}}}
mean = true
quantiles = 0.16 0.84
hazard_maps = true
poes = 0.1
''')


main()
