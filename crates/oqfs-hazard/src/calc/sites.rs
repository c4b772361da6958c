//! The sites of a job: where it wants them, near its assets, with the parameters that the models require.

use super::CalcError;
use crate::geo::polygon::inside;
use crate::gsim::Param;
use crate::job::{Exposure, Hull, InputFile, Job, JobError, SiteSource, extract, is_archive};
use crate::nrml::exposure::{self, Location};
use crate::nrml::{NrmlError, site_model};
use crate::site::{SiteCollection, SiteError};

/// The sites with the parameters that the models require.
pub fn read_sites(job: &Job, required: &[Param], warnings: &mut Vec<String>) -> Result<SiteCollection, CalcError> {
    let params = &job.params;
    let assets = params.exposure.as_ref().map(|exposure| read_assets(exposure, job, warnings)).transpose()?;
    let at_line = |line: usize| move |error: SiteError| job.error(line, error.to_string());
    let (sites, models, spacing, line): (_, &[InputFile], Option<f64>, usize) = match &params.sites {
        SiteSource::Points(points, models) => (SiteCollection::at(points.clone()), models, None, 0),
        SiteSource::Region(region, models) => (SiteCollection::over(region), models, Some(region.spacing), region.line),
        SiteSource::Hull(hull, models) => {
            let places = places_to_cover(hull, models, assets.as_deref())?;
            (SiteCollection::over_places(&places, hull.spacing), models, Some(hull.spacing), hull.line)
        }
        SiteSource::SiteModel(models) => {
            let mut model = read_site_models(models)?;
            let ids = std::mem::take(&mut model.custom_ids);
            (SiteCollection::in_order(&places(&model)).map(|sites| sites.called(ids)), models, None, 0)
        }
        SiteSource::Csv(file) => {
            let mut list = site_model::read(&file.path)?;
            let ids = std::mem::take(&mut list.custom_ids);
            let places = places(&list);
            let made = match list.has_header {
                true => SiteCollection::in_order(&places).map(|sites| sites.called(ids)),
                false => SiteCollection::at(places),
            };
            // with parameters it is a site model (engine behaviour since 3.26)
            let models =
                if list.params.is_empty() && list.labels.is_empty() { &[] } else { std::slice::from_ref(file) };
            (made, models, None, file.line)
        }
        SiteSource::Assets => {
            let mut places: Vec<_> = assets.iter().flatten().map(|&(lon, lat)| (lon, lat, 0.0)).collect();
            places.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
            places.dedup();
            (SiteCollection::in_order(&places), &[], None, 0)
        }
    };
    let mut sites = part(sites.map_err(at_line(line))?, job)?;
    if let (Some(exposure), Some(assets)) = (&params.exposure, &assets) {
        sites = near_assets(&sites, exposure, assets, job, warnings)?;
    }
    let Some(first) = models.first() else {
        sites.set_reference(&params.reference, required).map_err(at_line(0))?;
        return overridden(sites, job);
    };
    let mut model = read_site_models(models)?;
    if prefers_reference(job) {
        GLOBAL.iter().for_each(|param| {
            model.params.remove(param);
        });
    }
    let far = sites.associate(&model, &params.reference, required, spacing).map_err(at_line(first.line))?;
    warnings.extend(far);
    overridden(sites, job)
}

/// The parameters of a site of which the reference values of a job may stand before those of a site model.
const GLOBAL: [Param; 4] = [Param::Vs30, Param::Vs30Measured, Param::Z1pt0, Param::Z2pt5];

/// Whether they do: where the job says so, or lists its sites with their parameters, and gives a vs30 (engine behaviour).
fn prefers_reference(job: &Job) -> bool {
    let lists_sites = matches!(job.params.sites, SiteSource::Csv(_));
    (job.params.prefer_global_site_params || lists_sites) && job.params.reference.vs30.is_some()
}

/// The sites with another vs30, or with several, where the job has some.
fn overridden(mut sites: SiteCollection, job: &Job) -> Result<SiteCollection, CalcError> {
    if !job.params.override_vs30.is_empty() {
        sites.override_vs30(&job.params.override_vs30).map_err(|error| job.error(0, error.to_string()))?;
    }
    Ok(sites)
}

/// The part of the sites that the job is for.
fn part(sites: SiteCollection, job: &Job) -> Result<SiteCollection, JobError> {
    match job.params.tile_spec {
        Some((_, of)) if sites.len() <= of => {
            let message = format!("tile_spec: there are {} sites, which cannot be cut into {of} parts", sites.len());
            Err(job.error(0, message))
        }
        Some((part, of)) => Ok(sites.part(part, of)),
        None => Ok(sites),
    }
}

/// The sites with the labels that the job gives a GSIM logic tree each.
pub fn with_labels(sites: SiteCollection, job: &Job, warnings: &mut Vec<String>) -> Result<SiteCollection, JobError> {
    let (labels, line) = (&job.params.site_labels, job.params.lines.site_labels);
    let greatest = sites.labels().iter().max().copied();
    match greatest {
        None if labels.is_empty() => Ok(sites),
        None => {
            Err(job.error(line, "site_labels: the sites have no labels; expected a site model with the column ilabel"))
        }
        Some(_) if labels.is_empty() => {
            let message = "the site model has a column ilabel, which has no effect without site_labels";
            warnings.push(message.to_string());
            Ok(sites.unlabelled())
        }
        Some(found) if usize::from(found) > labels.len() => {
            let message = format!("site_labels: a site has the ilabel {found}; expected 0 to {}", labels.len());
            Err(job.error(line, message))
        }
        Some(_) => Ok(sites),
    }
}

/// The sites that are the nearest one to an asset.
fn near_assets(
    sites: &SiteCollection,
    exposure: &Exposure,
    assets: &[Location],
    job: &Job,
    warnings: &mut Vec<String>,
) -> Result<SiteCollection, JobError> {
    let (near, far) = sites.near(assets, exposure.distance);
    let km = exposure.distance;
    let line = exposure.files.first().map_or(0, |file| file.line);
    let Some(&first) = far.first() else { return Ok(near) };
    let (lon, lat) = assets[first];
    let found = format!("{} assets are over {km} km from every site, one of them at {lon} {lat}", far.len());
    if near.is_empty() {
        let message = format!("exposure_file: all {found}; expected a greater asset_hazard_distance, or other sites");
        return Err(job.error(line, message));
    }
    if !exposure.discards {
        let message =
            format!("exposure_file: {found}; expected a greater asset_hazard_distance, or discard_assets = true");
        return Err(job.error(line, message));
    }
    warnings.push(format!("{found}; they are left out"));
    Ok(near)
}

/// Where the assets of a job are that count.
fn read_assets(exposure: &Exposure, job: &Job, warnings: &mut Vec<String>) -> Result<Vec<Location>, CalcError> {
    let mut assets = Vec::new();
    for file in &exposure.files {
        assets.extend(if is_archive(&file.path) { read_archive(file, job)? } else { exposure::read(&file.path)? });
    }
    if exposure.region.is_empty() {
        return Ok(assets);
    }
    // on the map of degrees (engine behaviour)
    let region: Vec<[f64; 2]> = exposure.region.iter().map(|&(lon, lat)| [lon, lat]).collect();
    let all = assets.len();
    assets.retain(|&(lon, lat)| inside(&region, [lon, lat]));
    if assets.is_empty() {
        let message = format!("exposure_file: none of {all} assets is in the region");
        let line = exposure.files.first().map_or(0, |file| file.line);
        return Err(job.error(line, message).into());
    }
    if assets.len() < all {
        warnings.push(format!("{} of {all} assets are outside the region; they are left out", all - assets.len()));
    }
    Ok(assets)
}

/// The assets of an exposure model that comes with its tables in an archive: `exposure.xml`, or the name of the archive.
fn read_archive(file: &InputFile, job: &Job) -> Result<Vec<Location>, CalcError> {
    let folder = tempfile::tempdir().map_err(|e| job.error(file.line, format!("exposure_file: {e}")))?;
    extract(&file.path, folder.path())?;
    let stem = file.path.file_stem().unwrap_or_default();
    let names = [folder.path().join(stem).with_extension("xml"), folder.path().join("exposure.xml")];
    let Some(model) = names.iter().find(|path| path.is_file()) else {
        return Err(NrmlError::new(&file.path, 0, "there is no exposure.xml in it").into());
    };
    exposure::read(model).map_err(|error| {
        let inside = error.path.strip_prefix(folder.path()).unwrap_or(&error.path);
        NrmlError { path: file.path.join(inside), ..error }.into()
    })
}

/// What a grid without a region covers.
fn places_to_cover(hull: &Hull, models: &[InputFile], assets: Option<&[Location]>) -> Result<Vec<Location>, CalcError> {
    let of_model = |model: &site_model::SiteModel| places(model).into_iter().map(|p| (p.0, p.1)).collect();
    match (assets, &hull.csv) {
        (Some(assets), _) => Ok(assets.to_vec()),
        (None, Some(file)) => Ok(of_model(&site_model::read(&file.path)?)),
        (None, None) => Ok(of_model(&read_site_models(models)?)),
    }
}

fn places(model: &site_model::SiteModel) -> Vec<(f64, f64, f64)> {
    (0..model.lon.len()).map(|i| (model.lon[i], model.lat[i], model.depth[i])).collect()
}

/// The site models of a job in one; all must give the same parameters.
fn read_site_models(files: &[InputFile]) -> Result<site_model::SiteModel, CalcError> {
    let mut all = site_model::SiteModel::default();
    for (i, file) in files.iter().enumerate() {
        let model = site_model::read(&file.path)?;
        if i == 0 {
            all = model;
            continue;
        }
        if all.params.keys().ne(model.params.keys()) {
            let message = format!("its parameters differ from those of {}", files[0].path.display());
            return Err(NrmlError::new(&file.path, 0, message).into());
        }
        all.lon.extend(model.lon);
        all.lat.extend(model.lat);
        all.depth.extend(model.depth);
        all.ampcodes.extend(model.ampcodes);
        if all.custom_ids.is_empty() != model.custom_ids.is_empty() {
            let message = format!("it has custom_site_id and {} not, or the other way round", files[0].path.display());
            return Err(NrmlError::new(&file.path, 0, message).into());
        }
        if all.labels.is_empty() != model.labels.is_empty() {
            let message = format!("it has ilabel and {} not, or the other way round", files[0].path.display());
            return Err(NrmlError::new(&file.path, 0, message).into());
        }
        all.labels.extend(model.labels);
        all.custom_ids.extend(model.custom_ids);
        for (param, values) in model.params {
            all.params.entry(param).or_default().extend(values);
        }
    }
    Ok(all)
}
