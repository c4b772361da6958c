"""Random small jobs: make.py FOLDER FIRST COUNT writes FOLDER/SEED/{job.ini, *.xml, sites.csv, what}, the same for the same seed.

One to three sites, or a grid; one to four sources of any typology in one or two groups; near the date line and in high latitudes too. `what`
has a word for each thing that the job has in it, so that differences can be sorted by their cause.
"""
import csv
import math
import random
import sys
from pathlib import Path

TABLES = Path(__file__).resolve().parents[2] / 'crates/oqfs-gsim/tests/data/gsim/tables'
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<nrml xmlns:gml="http://www.opengis.net/gml" xmlns="http://openquake.org/xmlns/nrml/0.5">'
TRTS = ['Active Shallow Crust', 'Stable Shallow Crust', 'Subduction Interface', 'Subduction IntraSlab', 'Volcanic']
MSRS = ['WC1994', 'Leonard2014_Interplate', 'Leonard2014_SCR', 'ThingbaijamInterface', 'StrasserInterface', 'StrasserIntraslab',
        'PeerMSR', 'PointMSR', 'ThingbaijamStrikeSlip', 'CEUS2011', 'GSCEISO', 'GSCCascadia', 'AllenHayesInterfaceBilinear',
        'WC1994_QCSS', 'GermanyMSR', 'GSCOffshoreThrustsWIN']
LEVELS = {'PGA': [0.005, 0.05, 0.2, 0.6], 'PGV': [0.5, 5, 20, 60], 'MMI': [3, 5, 6, 8]}
# parameters of sites that some model needs, with what a site may have
SITE = {
    'vs30': lambda r: round(r.uniform(180, 1200), 1), 'vs30measured': lambda r: r.randint(0, 1),
    'z1pt0': lambda r: round(r.uniform(20, 600), 1), 'z2pt5': lambda r: round(r.uniform(0.5, 4), 2),
    'backarc': lambda r: r.randint(0, 1), 'xvf': lambda r: round(r.uniform(-100, 100), 1), 'region': lambda r: r.randint(1, 5),
    'siteclass': lambda r: r.choice('ABCD'), 'soiltype': lambda r: r.randint(1, 5), 'slope': lambda r: round(r.uniform(.001, .3), 4),
    'h800': lambda r: round(r.uniform(5, 200), 1), 'f0': lambda r: round(r.uniform(.5, 8), 2), 'THV': lambda r: round(r.uniform(.1, 1), 2),
    'PHV': lambda r: round(r.uniform(1, 5), 2), 'kappa0': lambda r: round(r.uniform(.01, .05), 3), 'bas': lambda r: r.randint(0, 1),
    'ec8': lambda r: r.choice('ABCD'), 'ec8_p18': lambda r: r.choice(['A', 'B1', 'C1', 'D']), 'z1pt4': lambda r: round(r.uniform(30, 800), 1),
    'geology': lambda r: r.choice(['CENOZOIC', 'HOLOCENE', 'PALEOZOIC', 'UNKNOWN']),
}


def km_to_degrees(lat):
    return 1 / (111.195 * math.cos(math.radians(lat))), 1 / 111.195


def gml(kind, positions):
    return f'<gml:{kind}><gml:posList>{positions}</gml:posList></gml:{kind}>'


class Job:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.lon = self.pick([0, 10, -75, 120, 179.7, -179.8, self.u(-180, 180)])
        self.lat = self.pick([0, 45, -35, 60, self.u(-65, 75)])
        self.kx, self.ky = km_to_degrees(self.lat)
        self.spacing = self.pick([2, 4, 5, 5, 3.3, 1.5])
        self.words, self.with_gr, self.simple_faults, self.sections, self.count = [], [], [], [], 0
        self.seed, self.time = seed, self.pick([1, 50, 50, 100])

    def u(self, low, high):
        return self.r.uniform(low, high)

    def pick(self, values):
        return self.r.choice(values)

    def often(self, one_in):
        return self.r.randrange(one_in) == 0

    # places

    def place(self, x, y):
        """Longitude and latitude of a place x km east and y km north of the origin."""
        lon = (self.lon + x * self.kx + 180) % 360 - 180
        return round(lon, 5), round(self.lat + y * self.ky, 5)

    def near(self, reach):
        return self.u(-reach, reach), self.u(-reach, reach)

    def text(self, point, depth=None):
        lon, lat = self.place(*point)
        return f'{lon} {lat}' + ('' if depth is None else f' {round(depth, 5)}')

    # distributions

    def rate(self, low=-5, high=-2):
        return f'{10 ** self.u(low, high):.6g}'

    def mfd(self, low=4.5, high=7.5, width=0.5):
        kind = self.pick(['gr', 'gr', 'inc', 'inc', 'arb', 'yc', 'tapered'])
        self.words.append(kind)
        least = round(self.u(low, high - 1.3), 1)
        most = round(self.u(least + width + .4, max(high, least + 1.6)), 1)
        b, a = round(self.u(.7, 1.3), 2), round(self.u(1.5, 3.5), 2)
        if kind == 'gr':
            self.with_gr.append(f's{self.count}')
            return f'<truncGutenbergRichterMFD aValue="{a}" bValue="{b}" minMag="{least}" maxMag="{most}"/>'
        if kind == 'tapered':
            return f'<taperedGutenbergRichterMFD aValue="{a}" bValue="{b}" minMag="{least}" maxMag="{most}" cornerMag="{most - .3:.2f}"/>'
        if kind == 'inc':
            rates = ' '.join(self.rate() for _ in range(self.pick([1, 2, 5])))
            return f'<incrementalMFD minMag="{least}" binWidth="{self.pick([.1, .2, .25])}"><occurRates>{rates}</occurRates></incrementalMFD>'
        if kind == 'arb':
            mags = sorted(round(self.u(low, high), 2) for _ in range(self.pick([1, 2, 3])))
            rates = ' '.join(self.rate() for _ in mags)
            return f'<arbitraryMFD><occurRates>{rates}</occurRates><magnitudes>{" ".join(map(str, mags))}</magnitudes></arbitraryMFD>'
        return (f'<YoungsCoppersmithMFD characteristicMag="{max(least + 1, most)}" characteristicRate="{self.rate(-4)}" '
                f'minMag="{least}" bValue="{b}" binWidth="0.1"/>')

    def weights(self, n):
        if self.often(2):
            return [1 / n] * n
        parts = [round(self.u(.1, 1), 2) for _ in range(n)]
        shares = [round(part / sum(parts), 3) for part in parts]
        return shares[:-1] + [round(1 - sum(shares[:-1]), 3)]

    def planes(self):
        plane = lambda p: (f'<nodalPlane probability="{p!r}" strike="{self.pick([0, 90, 180, 359, round(self.u(0, 360), 1)])}" '
                           f'dip="{self.pick([90, 90, 45, 30, round(self.u(5, 90), 1)])}" rake="{self.pick([0, 90, -90, 180, -179, 30.5])}"/>')
        return ''.join(plane(p) for p in self.weights(self.pick([1, 1, 2, 3, 6, 7])))

    def depths(self):
        upper = self.pick([0, 0, 1, 5, round(self.u(0, 10), 1)])
        lower = round(upper + self.u(5, 30), 1)
        depths = sorted({round(self.u(upper, lower), 1) for _ in range(self.pick([1, 1, 2, 3]))})
        hypo = ''.join(f'<hypoDepth probability="{p}" depth="{d}"/>' for p, d in zip(self.weights(len(depths)), depths))
        return f'<upperSeismoDepth>{upper}</upperSeismoDepth><lowerSeismoDepth>{lower}</lowerSeismoDepth>', hypo

    def common(self):
        return f'<magScaleRel>{self.pick(MSRS)}</magScaleRel><ruptAspectRatio>{self.pick([1, 1.5, 2, 0.7, 3])}</ruptAspectRatio>'

    # surfaces

    def simple(self):
        azimuth, (x, y), n = self.u(0, 360), self.near(40), self.pick([2, 2, 3, 5])
        step, points = self.u(15, 120) / (n - 1), []
        if self.often(4):
            step = self.spacing * self.pick([4, 4.5, 8])
        for _ in range(n):
            points.append((x, y))
            x, y = x + step * math.sin(math.radians(azimuth)), y + step * math.cos(math.radians(azimuth))
            azimuth += self.u(-35, 35)
        upper = self.pick([0, 1, 5])
        lower = round(upper + self.u(5, 30), 1)
        dip = self.pick([90, 45, 60, 30, round(self.u(15, 89), 1)])
        return (f'<simpleFaultGeometry>{gml("LineString", " ".join(map(self.text, points)))}<dip>{dip}</dip>'
                f'<upperSeismoDepth>{upper}</upperSeismoDepth><lowerSeismoDepth>{lower}</lowerSeismoDepth></simpleFaultGeometry>')

    def along(self, azimuth):
        """Turns distances along and to the right of an azimuth into distances to the east and north."""
        s, c = math.sin(math.radians(azimuth)), math.cos(math.radians(azimuth))
        return lambda x, y, along, right: (x + s * along + c * right, y + c * along - s * right)

    def complex(self):
        at, (x, y), n, k = self.along(self.u(0, 360)), self.near(60), self.pick([2, 3, 4]), self.pick([2, 3])
        length, width, top, height = self.u(60, 200), self.u(30, 80), self.u(2, 10), self.u(15, 40)
        edges = ''
        for e, tag in enumerate(['faultTopEdge'] + ['intermediateEdge'] * (k - 2) + ['faultBottomEdge']):
            part = e / (k - 1)
            points = [at(x, y, length * i / (n - 1), width * part + self.u(-3, 3)) for i in range(n)]
            edges += f'<{tag}>{gml("LineString", " ".join(self.text(p, top + height * part + self.u(-1, 1)) for p in points))}</{tag}>'
        return f'<complexFaultGeometry>{edges}</complexFaultGeometry>'

    def plane(self):
        azimuth, dip, (x, y), top = self.u(0, 360), math.radians(self.u(20, 90)), self.near(40), round(self.u(0, 8), 2)
        at, length, width = self.along(azimuth), self.u(10, 60), self.u(6, 20)
        across, bottom = width * math.cos(dip), round(top + width * math.sin(dip), 4)

        def corner(tag, along, right, depth):
            lon, lat = self.place(*at(x, y, along, right))
            return f'<{tag} lon="{lon}" lat="{lat}" depth="{depth}"/>'
        corners = [corner('topLeft', 0, 0, top), corner('topRight', length, 0, top),
                   corner('bottomLeft', 0, across, bottom), corner('bottomRight', length, across, bottom)]
        return f'<planarSurface>{"".join(corners)}</planarSurface>'

    def kite(self):
        dip, (x, y), n, top = math.radians(self.u(20, 90)), self.near(40), self.pick([2, 2, 3]), round(self.u(0, 8), 1)
        at = self.along(self.u(0, 360))
        length = self.pick([self.u(15, 60), self.spacing * self.pick([3, 5, 8])])
        width = self.pick([self.spacing * self.pick([1, 2, 3]), self.u(8, 30)])
        profiles = ''
        for i in range(n):
            across = self.u(-2, 2) if n > 2 else 0
            upper = self.text(at(x, y, length * i / (n - 1), across), top)
            lower = self.text(at(x, y, length * i / (n - 1), across + width * math.cos(dip)), top + width * math.sin(dip))
            profiles += f'<profile>{gml("LineString", upper + " " + lower)}</profile>'
        return f'<kiteSurface>{profiles}</kiteSurface>'

    def cloud(self):
        (x, y), n = self.near(40), self.pick([3, 5])
        points = [self.text((x + 3 * i, y + 3 * k), 4 + 2 * k + self.u(0, .5)) for k in range(n) for i in range(n)]
        return f'<griddedSurface><gml:posList>{" ".join(points)}</gml:posList></griddedSurface>'

    # sources

    def source(self, kind, part=None):
        self.count += part in (None, 0)
        self.words.append(kind)
        # the engine wants ids of sources that exclude each other to differ after a colon alone
        attributes = f'id="s{self.count}{"" if part is None else f":{part}"}" name="{kind}"'
        return getattr(self, 'source_' + kind.split('_')[0])(attributes, kind)

    def spread_source(self, tag, geometry_tag, geometry, mfd, attributes):
        layer, hypo = self.depths()
        return (f'<{tag} {attributes}><{geometry_tag}>{geometry}{layer}</{geometry_tag}>{self.common()}{mfd}'
                f'<nodalPlaneDist>{self.planes()}</nodalPlaneDist><hypoDepthDist>{hypo}</hypoDepthDist></{tag}>')

    def source_point(self, attributes, _):
        point = f'<gml:Point><gml:pos>{self.text(self.near(80))}</gml:pos></gml:Point>'
        return self.spread_source('pointSource', 'pointGeometry', point, self.mfd(), attributes)

    def source_area(self, attributes, _):
        (x, y), n, radius = self.near(50), self.pick([3, 4, 6]), self.u(15, 50)
        corner = lambda i: (x + radius * math.cos(2 * math.pi * i / n), y + radius * self.u(.6, 1) * math.sin(2 * math.pi * i / n))
        ring = gml('LinearRing', ' '.join(self.text(corner(i)) for i in range(n)))
        polygon = f'<gml:Polygon><gml:exterior>{ring}</gml:exterior></gml:Polygon>'
        return self.spread_source('areaSource', 'areaGeometry', polygon, self.mfd(), attributes)

    def source_multipoint(self, attributes, _):
        n, least = self.pick([2, 4]), round(self.u(4.6, 5.5), 1)
        many = lambda value: ' '.join(str(value()) for _ in range(n))
        mfd = (f'<multiMFD kind="truncGutenbergRichterMFD" size="{n}"><min_mag>{least}</min_mag><max_mag>{many(lambda: round(self.u(6, 7), 1))}'
               f'</max_mag><a_val>{many(lambda: round(self.u(1.5, 3), 2))}</a_val><b_val>{many(lambda: round(self.u(.8, 1.2), 2))}</b_val></multiMFD>')
        positions = f'<gml:posList>{" ".join(self.text(self.near(60)) for _ in range(n))}</gml:posList>'
        return self.spread_source('multiPointSource', 'multiPointGeometry', positions, mfd, attributes)

    def source_simple(self, attributes, _):
        self.simple_faults.append(f's{self.count}')
        listed = ''
        if self.often(3):
            self.words.append('hypolist')
            listed = ('<hypoList><hypo alongStrike="0.25" downDip="0.25" weight="0.4"/><hypo alongStrike="0.75" downDip="0.6" weight="0.6"/>'
                      '</hypoList><slipList><slip weight="1.0">90.0</slip></slipList>')
        return f'<simpleFaultSource {attributes}>{self.simple()}{self.common()}{self.mfd(5.5)}<rake>{self.pick([0, 90, -90])}</rake>{listed}</simpleFaultSource>'

    def source_complex(self, attributes, _):
        return f'<complexFaultSource {attributes}>{self.complex()}{self.common()}{self.mfd(6, 8)}<rake>{self.pick([90, 0])}</rake></complexFaultSource>'

    def source_kite(self, attributes, _):
        return f'<kiteFaultSource {attributes}>{self.kite()}{self.common()}{self.mfd(5.5)}<rake>{self.pick([0, 90])}</rake></kiteFaultSource>'

    def source_char(self, attributes, kind):
        surface = {'char_simple': self.simple, 'char_complex': self.complex, 'char_plane': self.plane, 'char_kite': self.kite,
                   'char_cloud': self.cloud, 'char_planes': lambda: self.plane() + self.plane()}[kind]()
        return f'<characteristicFaultSource {attributes}>{self.mfd(6, 8)}<rake>{self.pick([0, 90, -90])}</rake><surface>{surface}</surface></characteristicFaultSource>'

    def probabilities(self):
        p = round(10 ** self.u(-4, -1.5), 5)
        return f'probs_occur="{1 - p:.5f} {p:.5f}"'

    def source_listed(self, attributes, _):
        rupture = lambda: (f'<singlePlaneRupture {self.probabilities()}><magnitude>{round(self.u(5.5, 7.5), 1)}</magnitude><rake>{self.pick([0, 90])}</rake>'
                           '<hypocenter lon="{}" lat="{}" depth="{}"/>'.format(*self.place(*self.near(40)), round(self.u(5, 15), 1))
                           + self.plane() + '</singlePlaneRupture>')
        return f'<nonParametricSeismicSource {attributes}>{"".join(rupture() for _ in range(self.pick([1, 3])))}</nonParametricSeismicSource>'

    def source_multifault(self, attributes, _):
        self.sections = self.sections or [self.kite() for _ in range(self.pick([2, 3, 4]))]

        def rupture():
            some = sorted(self.r.sample(range(len(self.sections)), self.pick([1, 2])))
            return (f'<multiPlanesRupture {self.probabilities()}><magnitude>{round(self.u(6, 8), 1)}</magnitude>'
                    f'<sectionIndexes indexes="{",".join(map(str, some))}"/><rake>{self.pick([0, 90])}</rake></multiPlanesRupture>')
        return f'<multiFaultSource {attributes}>{"".join(rupture() for _ in range(self.pick([1, 2, 4])))}</multiFaultSource>'

    KINDS = ['point', 'area', 'multipoint', 'simple', 'complex', 'kite', 'char_simple', 'char_complex', 'char_plane', 'char_planes',
             'char_kite', 'char_cloud', 'listed', 'multifault']

    def group(self, number, trt):
        kinds = [self.pick(self.KINDS) for _ in range(self.pick([1, 1, 2]))]
        dependence = ''
        if len(kinds) == 2 and self.often(3):
            # sources that exclude each other
            kinds, dependence = ['listed', 'listed'], ' src_interdep="mutex" rup_interdep="indep" srcs_weights="0.4 0.6"'
            self.words.append('mutex')
        sources = ''.join(self.source(kind, part if dependence else None) for part, kind in enumerate(kinds))
        return f'<sourceGroup name="g{number}" tectonicRegion="{trt}"{dependence}>{sources}</sourceGroup>'

    # trees

    def branch_set(self, kind, number, values, apply=''):
        branches = ''.join(f'<logicTreeBranch branchID="u{number}{i}"><uncertaintyModel>{value}</uncertaintyModel><uncertaintyWeight>{w}</uncertaintyWeight></logicTreeBranch>'
                           for i, (value, w) in enumerate(zip(values, [1.0] if len(values) == 1 else self.weights(len(values)))))
        return f'<logicTreeBranchSet uncertaintyType="{kind}" branchSetID="u{number}" {apply}>{branches}</logicTreeBranchSet>'

    def changes(self):
        kinds = {'bGRRelative': (['-0.1', '0.1'], self.with_gr), 'maxMagGRRelative': (['-0.2', '0.3'], self.with_gr),
                 'abGRAbsolute': (['2.5 0.9', '3.0 1.1'], self.with_gr), 'maxMagGRAbsolute': (['7.9', '8.1'], self.with_gr),
                 'simpleFaultDipRelative': (['-5', '5'], self.simple_faults), 'simpleFaultDipAbsolute': (['40', '65'], self.simple_faults)}
        found = ''
        for number in range(1, self.pick([1, 1, 2, 3])):
            possible = [kind for kind, (_, sources) in kinds.items() if sources and kind not in self.words]
            if possible:
                kind = self.pick(possible)
                self.words.append(kind)
                values, sources = kinds[kind]
                found += self.branch_set(kind, number, values, f'applyToSources="{self.pick(sources)}"')
        return found

    def models(self, trts):
        """Models with tables, and an intensity measure that all of them define."""
        names = sorted(path.stem for path in TABLES.glob('*.csv'))
        while True:
            chosen = [self.r.sample(names, self.pick([1, 1, 2])) for _ in trts]
            defined = [imts(name) for of in chosen for name in of]
            shared = [imt for imt in sorted(set.intersection(*defined)) if imt in LEVELS or imt.startswith('SA(')]
            if shared:
                self.words.extend(name for of in chosen for name in of)
                return chosen, self.r.sample(shared, min(len(shared), self.pick([1, 1, 2])))

    # the job

    def write(self, folder):
        trts = self.r.sample(TRTS, self.pick([1, 1, 1, 2]))
        groups = ''.join(self.group(number, trt) for number, trt in enumerate(trts))
        chosen, measures = self.models(trts)
        folder.mkdir(parents=True, exist_ok=True)
        save = lambda name, text: (folder / name).write_text(text)
        listed = f' investigation_time="{self.time}"' if 'listed' in self.words or 'multifault' in self.words else ''
        save('sources.xml', f'{HEAD}<sourceModel name="m"{listed}>{groups}</sourceModel></nrml>')
        files = 'sources.xml'
        if self.sections:
            files += ' sections.xml'
            sections = ''.join(f'<section id="{i}">{section}</section>' for i, section in enumerate(self.sections))
            save('sections.xml', f'{HEAD}<geometryModel name="s"{listed}>{sections}</geometryModel></nrml>')
        tree = self.branch_set('sourceModel', 0, [files]) + self.changes()
        save('tree.xml', f'{HEAD}<logicTree logicTreeID="t">{tree}</logicTree></nrml>')
        sets = ''.join(self.branch_set('gmpeModel', number, names, f'applyToTectonicRegionType="{trt}"')
                       for number, (trt, names) in enumerate(zip(trts, chosen)))
        labelled = self.labelled(trts, chosen)
        save('gsims.xml', f'{HEAD}<logicTree logicTreeID="Default">{sets}</logicTree>{labelled}</nrml>')
        lines = self.params(trts, measures) + self.sites(save)
        save('job.ini', '[general]\n' + ''.join(f'{name} = {value}\n' for name, value in lines))
        save('what', ' '.join(self.words))

    def labelled(self, trts, chosen):
        """The GSIM tree of labelled sites, in one job of eight: its draws are its own, so that the other jobs of a seed stay what they are."""
        own = random.Random(f'labels {self.seed}')
        if own.randrange(8):
            return ''
        self.words.append('labels')
        louder = lambda name: f'[ModifiableGMPE]\ngmpe.{name} = {{}}\nset_scale_median_scalar.scaling_factor = 1.4'
        self.r, drawn = own, self.r
        sets = ''.join(self.branch_set('gmpeModel', number, [louder(name) for name in reversed(names)],
                                       f'applyToTectonicRegionType="{trt}"') for number, (trt, names) in enumerate(zip(trts, chosen)))
        self.r = drawn
        return f'<logicTree logicTreeID="Louder">{sets}</logicTree>'

    def sites(self, save):
        places = [self.place(*self.near(90)) for _ in range(self.pick([1, 1, 2, 3]))]
        if self.often(8):
            self.words.append('grid')
            places = [self.place(15 * i, 15 * k) for i in range(3) for k in range(3)]
        rows = [[lon, lat, *(value(self.r) for value in SITE.values())] for lon, lat in places]
        columns, more = ['lon', 'lat', *SITE], []
        if 'labels' in self.words:
            own = random.Random(f'labels {self.seed}')
            columns, rows = [*columns, 'ilabel'], [[*row, own.randrange(2)] for row in rows]
            more = [('site_labels', '{"Louder": 1}')]
        save('sites.csv', '\n'.join(','.join(map(str, row)) for row in [columns, *rows]) + '\n')
        return [('site_model_file', 'sites.csv'), *more]

    def params(self, trts, measures):
        level = lambda imt: LEVELS.get(imt, [0.005, 0.05, 0.2, 0.6])
        levels = ', '.join(f'"{imt}": {level(imt)}' for imt in measures)
        distance = self.pick(['200', '300', '100', '50', "{'default': 200, '%s': 120}" % trts[0], '[(5, 50), (7, 200), (9, 300)]'])
        found = [('description', f'random {self.seed}'), ('calculation_mode', 'classical'), ('random_seed', self.r.randrange(100)),
                 ('source_model_logic_tree_file', 'tree.xml'), ('gsim_logic_tree_file', 'gsims.xml'),
                 ('rupture_mesh_spacing', self.spacing), ('complex_fault_mesh_spacing', max(self.spacing, self.pick([5, 8, 10, 4.7]))),
                 ('width_of_mfd_bin', self.pick([.1, .2, .3])), ('area_source_discretization', self.pick([5, 10, 12.3, 20])),
                 ('investigation_time', self.time), ('intensity_measure_types_and_levels', '{%s}' % levels),
                 ('truncation_level', self.pick([3, 3, 3, 2, 5, 0.5])), ('maximum_distance', distance), ('mean', 'true'),
                 ('individual_rlzs', 'true')]
        for one_in, word, name, values in [
                (4, 'minmag', 'minimum_magnitude', [5.5, 6]), (4, 'quantiles', 'quantiles', ['0.16 0.5 0.84']),
                (4, 'psdist', 'pointsource_distance', [0, 20, 50]), (5, 'shift_hypo', 'shift_hypo', ['true']),
                (6, 'use_rates', 'use_rates', ['true']), (6, 'horiz', 'horiz_comp_to_geom_mean', ['true']),
                (6, 'sampling', 'number_of_logic_tree_samples', [1, 5, 20]), (9, 'gridded', 'ps_grid_spacing', [30])]:
            if self.often(one_in):
                self.words.append(word)
                found.append((name, self.pick(values)))
        if self.often(7):
            self.words.append('float')
            found += [('floating_x_step', 0.5), ('floating_y_step', 0.5)]
        return found


KNOWN = {}


def imts(name):
    """The intensity measures of a model's table."""
    if name not in KNOWN:
        with open(TABLES / f'{name}.csv') as file:
            KNOWN[name] = {row['imt'] for row in csv.DictReader(file)}
    return KNOWN[name]


if __name__ == '__main__':
    top, first, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    for seed in range(first, first + count):
        Job(seed).write(top / f'{seed:06d}')
