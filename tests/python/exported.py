"""Writes what the engine's datastores of some calculations for Irpinia have that its exports are made of.

usage: exported.py DIR: DIR/calc_43.hdf5, event based; calc_44, a disaggregation; calc_45 to 48, logic trees sampled by each
method; calc_49, a scenario; calc_50, samples without their seed; calc_51, a disaggregation at a level; calc_52 to 55, trees sampled by
each method by release 3.26.2; calc_56, one by release 3.25.1; calc_57, event based by release 3.26.2; calc_58, a classical one by
it; calc_59, a classical one by release 3.24.1; calc_60, one of this program with amplified curves
"""
import json
import os
import sys

import h5py
import numpy

TEXT = h5py.string_dtype()
PLACES = dict(lon=[14.79, 15.177], lat=[40.914, 40.927])  # Avellino, Sant'Angelo dei Lombardi
OQ = 'openquake.'


def create(calc, version='3.23.5', **params):
    f = h5py.File(os.path.join(sys.argv[1], f'calc_{calc}.hdf5'), 'w')
    f.attrs['engine_version'], f.attrs['date'] = version, '2026-11-23T10:45:09'
    f.attrs['checksum32'] = 997626827
    f['oqparam'] = json.dumps(dict(base_path='/irpinia', inputs={}, description='Irpinia', **params))
    f['oqparam'].attrs['__pyclass__'] = OQ + 'commonlib.oqvalidation.OqParam'
    return f


def table(group, **columns):
    for name, values in columns.items():
        group[name] = values
    group.attrs['__pdcolumns__'] = ' '.join(columns)


def sites(f, **more):
    table(f.create_group('sitecol'), sids=numpy.uint32([0, 1]), **PLACES, depth=[0., 0.], vs30=[760., 475.5],
          vs30measured=[True, False], **more)
    f['sitecol'].attrs['__pyclass__'] = OQ + 'hazardlib.site.SiteCollection'


def records(dtype, *rows):
    return numpy.array(list(rows), dtype)


SOURCE_MODELS = [
    ('sm', 'zones', 'sourceModel', "'zones.xml'", .7), ('sm', 'points', 'sourceModel', "'points.xml'", .3),
    ('mmax', 'low', 'maxMagGRRelative', '-0.2', .4), ('mmax', 'high', 'maxMagGRRelative', '0.2', .6)]
CRUST = 'Active Shallow Crust'
GSIMS = [(CRUST, 'gA0', '[AkkarEtAlRjb2014]', .6), (CRUST, 'gB0', '[BindiEtAl2014Rjb]', .4),
         ('Volcanic', 'gA1', '[TusaLanger2016RepiBA08SE]', .5), ('Volcanic', 'gB1', '[FaccioliEtAl2010]', .5)]
# As the engine keeps them: the paths that were drawn, how often, and the sum of their weights.
DRAWN = [('points.xml', .9, 'points~.', 3), ('zones.xml', .84, 'zones~high', 2), ('zones.xml', .28, 'zones~low', 1)]


def logic_trees(f, method, samples=6, source_models=SOURCE_MODELS, gsims=GSIMS, paths=DRAWN):
    """By default two source models and an uncertainty for one of them; two regions with two models each."""
    lt = f.create_group('full_lt')
    lt.attrs.update(__pyclass__=OQ + 'hazardlib.logictree.FullLogicTree', num_samples=samples, seed=42,
                    oversampling='tolerate')
    trts = list(dict.fromkeys(gsim[0] for gsim in gsims))
    lt.attrs.create('trts', trts, dtype=TEXT)
    branch = [(name, TEXT) for name in ('branchset', 'branch', 'utype', 'uvalue')] + [('weight', 'f8')]
    lt['source_model_lt'] = records(branch, *source_models)
    sets = {model[0]: {'uncertaintyType': model[2]} for model in source_models}
    if 'mmax' in sets:
        sets['mmax']['applyToBranches'] = 'zones'
    lt['source_model_lt'].attrs.update(
        __pyclass__=OQ + 'hazardlib.logictree.SourceModelLogicTree', bsetdict=json.dumps(sets), branchID='',
        filename='/irpinia/ssmLT.xml', is_source_specific=False, num_paths=3, num_samples=samples, sampling_method=method,
        seed=42, source_id='')
    lt['gsim_lt'] = records(
        [(name, TEXT) for name in ('trt', 'branch', 'uncertainty')] + [('weight', 'f8')], *gsims)
    lt['gsim_lt'].attrs.update(
        __pyclass__=OQ + 'hazardlib.gsim_lt.GsimLogicTree', filename='/irpinia/gmmLT.xml',
        bsetdict=json.dumps({trt: trt for trt in trts}))
    lt['sm_data'] = records([('name', TEXT), ('weight', 'f4'), ('path', TEXT), ('samples', 'u4')], *paths)


def sampled():
    methods = ['early_weights', 'late_weights', 'early_latin', 'late_latin']
    for first, version in [(45, '3.23.5'), (52, '3.26.2')]:
        for calc, method in enumerate(methods, first):
            with create(calc, version, calculation_mode='classical', investigation_time=50.0) as f:
                logic_trees(f, method)
    with create(56, '3.25.1', calculation_mode='classical', investigation_time=50.0) as f:
        logic_trees(f, 'early_weights')
    with create(49, calculation_mode='scenario') as f:
        model = '[AbrahamsonEtAl2014]\nregion = "CHN"'
        logic_trees(f, 'early_weights', samples=0, source_models=[('bs0', 'b0', 'sourceModel', 'fake.xml', 1.)],
                    gsims=[(CRUST, 'gA0', '[AkkarEtAlRjb2014]', .75), (CRUST, 'gB0', model, .25)],
                    paths=[('scenario', 1., 'b1', 1)])
    with create(50, calculation_mode='classical', investigation_time=50.0) as f:
        logic_trees(f, 'early_weights')
        del f['full_lt/source_model_lt'].attrs['seed']  # as nobody can draw again


def event_based(calc, version):
    f = create(calc, version, calculation_mode='event_based', investigation_time=50.0, ses_per_logic_tree_path=20,
               number_of_logic_tree_samples=6, sampling_method='late_latin', poes=[.1], hazard_maps=1,
               hazard_imtls={'PGA': [.05, .1], 'SA(0.2)': [.1, .2]}, ground_motion_fields=1,
               secondary_perils=['Jibson2007ALandslides' if version == '3.26.2' else 'ZhuEtAl2015LiquefactionGeneral'])
    sites(f, custom_site_id=numpy.array([b'Avellino', b'S.Angelo'], 'S8'))
    logic_trees(f, 'late_latin')
    f['weights'] = numpy.full(6, 1 / 6, 'f4')
    event = [('id', 'u4'), ('rup_id', 'i8'), ('rlz_id', 'u2'), ('year', 'u4'), ('ses_id', 'u4')]
    f['events'] = records(event, (0, 7, 2, 1980, 40), (1, 7, 0, 113, 3), (2, 8589934592, 5, 5111, 103))
    f['ruptures'] = records([('id', 'i8'), ('n_occ', 'u4'), ('mag', 'f4'), ('occurrence_rate', 'f4')],
                            (7, 2, 6.89, 1e-3), (8589934592, 1, 6.1, 2e-3))
    gmf = f.create_group('gmf_data')
    imts = {'gmv_0': 'PGA', 'gmv_1': 'SA(0.2)', 'LiqProb': 'Jibson2007ALandslides_Disp'}
    named = imts.get if version == '3.26.2' else str
    # Not in the order of the events.
    table(gmf, sid=numpy.uint32([1, 0, 1, 0, 1]), eid=numpy.uint32([2, 0, 0, 1, 1]), **{
        named('gmv_0'): numpy.float32([.0523, .311, .2771, .18, .2204]),
        named('gmv_1'): numpy.float32([.11, .702, .6155, .4, .5001]),
        named('LiqProb'): numpy.float32([0, .25, numpy.nan, 1, -0.])})
    gmf.attrs.update(effective_time=6000., imts='PGA SA(0.2)', investigation_time=50., num_events=3)
    gmf['sigma_epsilon'] = records([('eid', 'u4'), ('rlz_id', 'u2'), ('sig_inter_PGA', 'f4'), ('eps_inter_PGA', 'f4')],
                                   (2, 5, .26, -1.5), (0, 2, .26, .8492), (1, 0, numpy.nan, .0149))
    averages = numpy.float32([[[.23659, .52991], [.14729, .32351]], [[1.472, 1.488], [2.331, 2.399]]])
    if version == '3.26.2':
        # Of the effects too; one site does not shake.
        averages = numpy.concatenate([averages, averages[:, :, :1] / 2], axis=2)
        averages[:, 1] = 0
        # The random part is of these events.
        f['relevant_events'] = records([('id', 'u4'), ('rup_id', 'i8')], (1, 7), (2, 7), (5, 8589934592))
    f['avg_gmf'] = averages
    curves = numpy.float32([[[[.9, .4], [.8, .3]]], [[[.7, .2], [.6, .1]]]])
    for name, array, last in [('hcurves', curves, ('lvl', [0, 1])), ('hmaps', curves[..., :1] / 3, ('poes', [.1]))]:
        f[name + '-stats'] = array
        f[name + '-stats'].attrs['json'] = json.dumps({
            'shape_descr': ['site_id', 'stat', 'imt', last[0]], 'site_id': 2, 'stat': ['mean'],
            'imt': ['PGA', 'SA(0.2)'], last[0]: last[1]})
    f.close()


def wrapped(f, group, array, extra, **axes):
    f[group + '/array'] = array
    f[group + '/shape_descr'], f[group + '/extra'] = numpy.array(list(axes), 'S'), numpy.array(extra, 'S')
    for name, values in axes.items():
        f[f'{group}/{name}'] = values
    f[group].attrs['__pyclass__'] = OQ + 'baselib.hdf5.ArrayWrapper'


def disaggregation():
    f = create(44, calculation_mode='disaggregation', investigation_time=50.0, poes=[.1, .02], poes_disagg=[.1, .02],
               disagg_outputs=['Mag', 'TRT_Dist', 'Lon_Lat'], num_rlzs_disagg=2, imt_ref='PGA',
               hazard_imtls={'SA(0.2)': [.1, .3], 'PGA': [.05, .15]})
    sites(f)
    f['weights'] = numpy.float32([.3, .5, .2])
    f['best_rlzs'] = numpy.array([[1, 0], [2, 1]])
    f['hmap3'] = numpy.array([[[.3605, .7513], [.1655, .3543]], [[.523, 1.0078], [.2295, .4266]]])
    trts = numpy.array(['Active Shallow Crust', 'Volcanic'], 'S')
    table(f.create_group('disagg-bins'), Mag=[5., 6., 7.], Dist=[0, 30, 60], TRT=trts, Eps=[-3., 0., 3.],
          Lon=[[14.4, 14.8, 15.2], [14.8, 15.2, 15.6]], Lat=[[40.6, 40.9, 41.2], [40.6, 40.9, 41.2]])
    poe4 = numpy.array([.1, .09, .021, .019, .101, .098, .02, .018]).reshape(2, 2, 2)
    f['poe4'] = numpy.array([poe4, poe4 * 1.01])
    share = numpy.array([.25, .75])
    for kind, z in (('rlzs', poe4), ('stats', poe4.mean(axis=-1, keepdims=True))):
        mags = share[:, None, None, None] * z
        f[f'disagg-{kind}/Mag'] = numpy.array([mags, mags * 1.01])
        dist = numpy.array([share[:, None, None, None] * z, 0 * mags])
        if kind == 'rlzs':
            dist[..., 1] = 0  # one realization has nothing in these bins
        f[f'disagg-{kind}/TRT_Dist'] = numpy.array([dist, dist])
        places = numpy.array([mags, mags[::-1]])
        f[f'disagg-{kind}/Lon_Lat'] = numpy.array([places, 0 * places])  # and one site has nothing in any
    rates = numpy.array([2.1e-3, 0, 4e-4, 3.3e-5, 5.5e-3, 1e-4, 7.25e-4, 0]).reshape(2, 2, 2)
    wrapped(f, 'mean_rates_by_src', numpy.array([rates, rates / 2]), ['value'], site_id=2,
            imt=numpy.array(['SA(0.2)', 'PGA'], 'S'), lvl=2, src_id=numpy.array(['zone;1', 'faults'], TEXT))
    spectra = numpy.array([[[[.287, .3077], [.597, .0273]]], [[[.5784, .2953], [0, 0]]]])
    wrapped(f, 'cs-stats', numpy.array([spectra, spectra * 1.1]), ['mea', 'std'], site_id=[0, 1], poe=[.1, .02],
            stat=numpy.array(['mean'], 'S'), period=[0., .2])
    f.close()


def at_a_level():
    level = {'SA(0.2)': [.3]}
    f = create(51, calculation_mode='disaggregation', investigation_time=50.0, iml_disagg=level, hazard_imtls=level,
               disagg_outputs=['Mag'])
    sites(f)
    f['weights'] = numpy.float32([1])
    f['best_rlzs'], f['hmap3'] = numpy.array([[0], [0]]), numpy.full((2, 1, 1), .3)
    f['poe4'] = numpy.array([.1, .05]).reshape(2, 1, 1, 1)
    # 9.99764E-02 through the logarithm nearest in single precision, which is not the one that numpy takes.
    f['hcurves-stats'] = numpy.float32([.09997636, .05]).reshape(2, 1, 1, 1)
    f['hcurves-stats'].attrs['json'] = json.dumps({
        'shape_descr': ['site_id', 'stat', 'imt', 'lvl'], 'site_id': 2, 'stat': ['mean'], 'imt': ['SA(0.2)'], 'lvl': [0]})
    table(f.create_group('disagg-bins'), Mag=[5., 6., 7.], Dist=[0., 60.], TRT=numpy.array([CRUST], 'S'), Eps=[-3., 3.],
          Lon=[[14.4, 15.2], [14.8, 15.6]], Lat=[[40.6, 41.2], [40.6, 41.2]])
    f['disagg-rlzs/Mag'] = numpy.array([.025, .075, .0125, .0375]).reshape(2, 2, 1, 1, 1)
    f.close()


def classical(calc, version, **params):
    """Two return periods that come to the same number of years, and levels of Arias intensity, in m/s."""
    poes, imts = [.1, .02, .020002], {'PGA': [.01, .25], 'IA': [.000125, 2.5]}
    f = create(calc, version, calculation_mode='classical', investigation_time=50.0, poes=poes, hazard_maps=0, quantiles=[.5],
               hazard_imtls=imts, **params)
    sites(f)
    f['weights'] = numpy.float32([1])
    curves = numpy.float32([.9, .4, .8, .3, .7, .2, .6, .1])
    curves = numpy.array([curves, curves / 2]).reshape(2, 2, 2, 2)
    maps = numpy.linspace(.1, .6, 12, dtype='f4')
    maps = numpy.array([maps, maps * 2]).reshape(2, 2, 2, 3)
    for name, array, last in [('hcurves', curves, ('lvl', [0, 1])), ('hmaps', maps, ('poe', poes))]:
        f[name + '-stats'] = array
        f[name + '-stats'].attrs['json'] = json.dumps({
            'shape_descr': ['site_id', 'stat', 'imt', last[0]], 'site_id': 2, 'stat': ['mean', 'quantile-0.5'],
            'imt': ['PGA', 'IA'], last[0]: last[1]})
    f.close()


event_based(43, '3.23.5')
event_based(57, '3.26.2')
classical(58, '3.26.2')
classical(59, '3.24.1')
classical(60, 'oqfs 0.1.0', soil_intensities='0.02 0.5')
disaggregation()
at_a_level()
sampled()
